"""What pages add to the editors' house."""

from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from pages import blocked_sources, cms
from pages.cms import BannerViewSet, SectionViewSet
from pages.rich_links import PublicPageLink

register_snippet(BannerViewSet)
register_snippet(SectionViewSet)
hooks.register("register_page_header_buttons", cms.header_buttons)
hooks.register("register_reports_menu_item", blocked_sources.menu_item)


@hooks.register("register_rich_text_features", order=100)
def register_links(features) -> None:
    features.register_link_type(PublicPageLink)


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [*cms.urls, *blocked_sources.urls]


@hooks.register("register_log_actions")
def register_acts(actions) -> None:
    actions.register_action("kakehashi.vouch", _("所属を確認"), _("所属を確認しました"))
    actions.register_action("kakehashi.set_rules", _("受付のきまりを変更"), _("受付のきまりを改めました"))
    actions.register_action("kakehashi.set_limits", _("推進大使の上限を変更"), _("推進大使の上限を改めました"))
    actions.register_action("kakehashi.set_route", _("申込みの経路を変更"), _("申込みの経路を改めました"))
    actions.register_action("kakehashi.set_target", _("目標を変更"), _("目標を改めました"))
    actions.register_action("kakehashi.hide_message", _("メッセージの表示を止める"), _("メッセージの表示を止めました"))
    actions.register_action("kakehashi.correct_founder", _("設置者を訂正"), _("設置者を改めました"))
    actions.register_action("kakehashi.set_school_facts", _("学校の設定を変更"), _("学校の設定を改めました"))
    actions.register_action("kakehashi.set_bell_times", _("時程を変更"), _("時程を改めました"))
    actions.register_action("kakehashi.leave", _("所属を終了"), _("所属を終えました"))
    actions.register_action("kakehashi.end_membership", _("所属を終了（事務局）"), _("事務局が所属を終えました"))
    actions.register_action("kakehashi.make_admin", _("管理者に変更"), _("管理者にしました"))
    actions.register_action("kakehashi.list_domain", _("ドメインを登録"), _("メールのドメインを登録しました"))
    actions.register_action("kakehashi.strike_domain", _("ドメインを外す"), _("メールのドメインの登録を外しました"))
    actions.register_action("kakehashi.invite", _("招待"), _("招待しました"))
    actions.register_action("kakehashi.revoke_invitation", _("招待を取消し"), _("招待を取り消しました"))
    actions.register_action("kakehashi.redeem_invitation", _("招待の引受け"), _("招待を引き受けました"))
    actions.register_action("kakehashi.note_approval", _("校長の了承を記入"), _("校長の了承を書き加えました"))
    actions.register_action("kakehashi.hand_over", _("申込みの引継ぎ"), _("申込みの担当を引き継ぎました"))
    actions.register_action(
        "kakehashi.make_preview_link", _("確認用リンクを作成"), _("下書きを見せる確認用リンクを作りました")
    )
    actions.register_action("kakehashi.end_preview_link", _("確認用リンクを取消し"), _("確認用リンクを取り消しました"))
