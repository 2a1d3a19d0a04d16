"""The last email to an address that an account no longer uses."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.jobs.models import Job
from foundation.notices.actions import mail_address


def mail_former_address(job: Job) -> bool:
    """Tell the former address once that it gets no more mail; return whether.

    The mail names neither the new address nor a link that works without signing in: the mailbox
    may belong to another person by now.
    """
    address = job.payload.get("former")
    user = User.objects.get(pk=job.payload["user"])
    if address and not user.is_former:
        mail_address(address, subject=_("Your email address was replaced"), text=_text_about(user))
    # A finished job stays for a month; the address must not. A second run then sends no mail.
    Job.objects.filter(pk=job.pk).update(payload={"user": job.payload["user"]})
    return bool(address) and not user.is_former


def _text_about(user: User) -> str:
    context = {
        "login": user.username,
        "has_address": bool(user.email),
        "instance_name": settings.INSTANCE_NAME,
        "base_url": settings.BASE_URL,
        "contact": settings.CONTACT_EMAIL,
    }
    return render_to_string("mails/address_changed.txt", context)
