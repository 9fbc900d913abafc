from django.urls import path

from core.views import accounts, audit_log, changes, runs, sessions

app_name = "core"
urlpatterns = [
    path("sign-in/", sessions.sign_in, name="sign_in"),
    path("sign-out/", sessions.sign_out, name="sign_out"),
    path("password/", sessions.password_change, name="password_change"),
    path("confirm/", sessions.reauthenticate, name="reauthenticate"),
    path("accounts/", accounts.account_list, name="account_list"),
    path("accounts/open/", accounts.account_open, name="account_open"),
    path("accounts/<uuid:public_id>/", accounts.account_detail, name="account_detail"),
    path("accounts/<uuid:public_id>/disable/", accounts.account_disable, name="account_disable"),
    path("accounts/<uuid:public_id>/enable/", accounts.account_enable, name="account_enable"),
    path("accounts/<uuid:public_id>/password/", accounts.password_reset, name="password_reset"),
    path("accounts/<uuid:public_id>/grant/", accounts.grant_give, name="grant_give"),
    path("accounts/<uuid:public_id>/hand-over/", accounts.grants_hand_over, name="grants_hand_over"),
    path("grants/<int:pk>/end/", accounts.grant_end, name="grant_end"),
    path("changes/", changes.change_list, name="change_list"),
    path("changes/<uuid:public_id>/", changes.change_detail, name="change_detail"),
    path("changes/<uuid:public_id>/proof/", changes.change_proof, name="change_proof"),
    path("audit/", audit_log.audit_list, name="audit_list"),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/<uuid:public_id>/again/", runs.run_again, name="run_again"),
    path("runs/<uuid:public_id>/", runs.run_detail, name="run_detail"),
    path("runs/<uuid:public_id>/progress/", runs.run_progress, name="run_progress"),
    path("runs/<uuid:public_id>/file/", runs.run_file, name="run_file"),
]
