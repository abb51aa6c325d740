"""Words for what is done about people, for their history."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from accounts.terms.cms import TermsViewSet

register_snippet(TermsViewSet)


@hooks.register("register_log_actions")
def register_acts(actions) -> None:
    actions.register_action("kakehashi.grant_role", _("役割を付ける"), _("役割を付けました"))
    actions.register_action("kakehashi.renew_role", _("役割の期限を更新"), _("役割の期限を更新しました"))
    actions.register_action("kakehashi.end_role", _("役割を終える"), _("役割を終えました"))
    actions.register_action("kakehashi.rename", _("氏名を直す"), _("氏名を直しました"))
    actions.register_action("kakehashi.deactivate", _("利用を止める"), _("利用を止めました"))
    actions.register_action("kakehashi.reactivate", _("利用を再開"), _("利用を再開しました"))
    actions.register_action(
        "kakehashi.forget_second_factor", _("2段階目の確認を取り消す"), _("2段階目の確認を取り消しました")
    )
