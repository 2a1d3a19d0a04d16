"""The desk as the project assembles it."""

import allauth.idp.oidc.admin  # noqa: F401  (what it registers is removed below)
from allauth.idp.oidc.models import Client, Token
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clawstore.desk.content import ContentPageAdmin
from clawstore.desk.jobs import DeskJobAdmin
from clawstore.desk.payments import PaymentAdmin
from clawstore.desk.payouts import SellerAdmin
from clawstore.desk.people import PersonAdmin
from clawstore.desk.records import ApiKeyAdmin, ProjectAuditLogAdmin
from clawstore.desk.requests import LinkedReportAdmin, StoreRequestAdmin
from clawstore.editorial.models import ContentPage
from clawstore.intake.models import StoreRequest
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.jobs.models import Job
from moderation.models import Report
from wordclaw.payments.models import AgentProfile, Payment

admin.site.index_title = _("Desk")
admin.site.site_header = admin.site.site_title = _("Desk")
admin.site.index_template = "admin/desk/index.html"
# Tokens are not for reading, and clients register themselves.
admin.site.unregister([Client, Token])
admin.site.unregister(Report)
admin.site.register(Report, LinkedReportAdmin)
admin.site.register(StoreRequest, StoreRequestAdmin)
admin.site.register(ContentPage, ContentPageAdmin)
admin.site.register(User, PersonAdmin)
admin.site.register(ApiKey, ApiKeyAdmin)
admin.site.register(Job, DeskJobAdmin)
admin.site.register(Payment, PaymentAdmin)
admin.site.register(AgentProfile, SellerAdmin)
admin.site.register(AuditLog, ProjectAuditLogAdmin)
