"""What all apps share, one noun a file."""

from core.models.attachment import Attachment
from core.models.audit import AuditEntry
from core.models.audit_seal import AuditHead, AuditSeal
from core.models.change_request import ChangeRequest
from core.models.file_run import FileRun
from core.models.number_series import NumberSeries
from core.models.organization import Organization, OrganizationSuccession, OrganizationUserObjectPermission
from core.models.parameter import Parameter
from core.models.role_grant import RoleGrant
from core.models.signature import Signature
from core.models.term import DayOverride, Term
from core.models.user import User

__all__ = [
    "Attachment", "AuditEntry", "AuditHead", "AuditSeal", "ChangeRequest", "DayOverride", "FileRun", "NumberSeries", "Organization",
    "OrganizationSuccession", "OrganizationUserObjectPermission", "Parameter", "RoleGrant", "Signature", "Term", "User",
]
