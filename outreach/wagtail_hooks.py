"""Words for what staff and ambassadors do, for the site history."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks


@hooks.register("register_log_actions")
def register_acts(actions) -> None:
    for name, label, message in (
        ("appoint", _("任命を追加"), _("推進大使の任命を加えました")),
        ("end_appointment", _("任命の終わりを変更"), _("任命の終わりを早めました")),
        ("pause", _("活動を休みに"), _("推進大使の活動を休みにしました")),
        ("resume", _("活動を再開"), _("推進大使の活動を再開しました")),
        ("rename", _("紹介ページのアドレスを変更"), _("紹介ページのアドレスを変えました")),
        ("show_card", _("紹介ページの公開を変更"), _("紹介ページの公開を変えました")),
        ("approve_profile", _("紹介の変更を公開"), _("紹介の変更を確かめて公開しました")),
        ("decline_profile", _("紹介の変更を見送り"), _("紹介の変更を見送りました")),
        ("remove_photo", _("写真を削除"), _("紹介の写真を消しました")),
        ("name_assistant", _("秘書を指名"), _("秘書を指名しました")),
        ("end_assistant", _("秘書の指名を終了"), _("秘書の指名を終えました")),
        ("tell_hours", _("空き時間を変更"), _("空き時間を変えました")),
        ("connect_calendar", _("外部カレンダーを追加"), _("外部カレンダーをつなぎました")),
        ("disconnect_calendar", _("外部カレンダーを削除"), _("外部カレンダーを外しました")),
        ("approve_calendar", _("外部カレンダーを承認"), _("外部カレンダーの読み取りを認めました")),
        ("refuse_calendar", _("外部カレンダーを見送り"), _("外部カレンダーを読み取らないことにしました")),
        ("read_concern", _("心配のお知らせを開く"), _("心配のお知らせを開きました")),
        ("make_feed", _("購読アドレスを作成"), _("購読アドレスを作りました")),
        ("rotate_feed", _("購読アドレスを取り替え"), _("購読アドレスを取り替えました")),
        ("revoke_feed", _("購読アドレスを停止"), _("購読アドレスを止めました")),
        ("renew_code", _("行動規範を変更"), _("行動規範を新しい版にしました")),
    ):
        actions.register_action(f"kakehashi.{name}", label, message)
