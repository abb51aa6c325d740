"""Words for what staff do with letters, for the site history."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks


@hooks.register("register_log_actions")
def register_acts(actions) -> None:
    actions.register_action("kakehashi.send_again", _("お知らせメールの再送"), _("お知らせメールをもう一度送りました"))
