"""The people who sign in."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from core.models.role_grant import RoleGrant


class UserQuerySet(models.QuerySet):
    def visible_to(self, user, permission):
        """Accounts with a role, past ones included, at or below a node of `permission`; at the root also those without any."""
        from core.scope import granted_nodes, root

        nodes = granted_nodes(user, permission)
        county = root()
        if county is not None and county.pk in nodes:
            return self.all()
        return self.filter(pk__in=RoleGrant.objects.filter(organization__path__overlap=nodes).values("user_id"))

    def holding(self, role, on):
        """People with the role in force on the day `on`."""
        return self.filter(pk__in=RoleGrant.objects.in_force(on).filter(role=role).values("user_id"))

    def with_grants(self, on):
        """Each account with `grants_now`, the list of its grants in force on the day `on`."""
        grants = RoleGrant.objects.in_force(on).select_related("organization").order_by("pk")
        return self.prefetch_related(models.Prefetch("role_grants", grants, to_attr="grants_now"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, name, password=None, **fields):
        user = self.model(username=self.model.normalize_username(username), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Rights come from RoleGrant alone; nobody is a superuser, by constraint."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField("账号", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=60)
    post = models.CharField("职务", max_length=60, blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(is_superuser=False), name="user_never_superuser")]

    def __str__(self):
        return self.name
