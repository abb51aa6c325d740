"""Words for the acts of staff that the site history shows."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks


@hooks.register("register_log_actions")
def register_acts(actions) -> None:
    actions.register_action("kakehashi.vouch", _("所属を確認"), _("所属を確認しました"))
    actions.register_action("kakehashi.set_rules", _("受付のきまりを変更"), _("受付のきまりを改めました"))
    actions.register_action("kakehashi.set_limits", _("推進大使の上限を変更"), _("推進大使の上限を改めました"))
    actions.register_action("kakehashi.set_route", _("申込みの経路を変更"), _("申込みの経路を改めました"))
    actions.register_action("kakehashi.set_target", _("目標を変更"), _("目標を改めました"))
