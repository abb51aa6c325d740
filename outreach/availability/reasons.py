"""Why a calendar could not be read, as its owner understands it: what happened, and what to do."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from outreach.availability.models import CalendarSource

_COPY_AGAIN = _("カレンダーの設定を開き、ICS形式（iCal形式）のアドレスをもう一度コピーして、つなぎ直してください。")
_WAIT = _("しばらくすると読み取れることがあります。1日たっても変わらないときは、つなぎ直してください。")
_ASK_DESK = _("思い当たることがないときは、事務局に連絡してください。")
_MEND_EVENT = _("元のカレンダーで、この予定の日時やくり返しを直してください。直すと、次の読み取りで戻ります。")

# ── what cannot be connected at all ───────────────────────────────────────────
OF_ADDRESSES = {
    "unreadable": _("アドレスとして読めません。https:// か webcal:// で始まるアドレスを、そのまま貼り付けてください。"),
    "too_long": _("アドレスが長すぎます。カレンダーのアドレスだけを貼り付けてください。"),
    "not_https": _(
        "http:// のアドレスは、途中で読まれるおそれがあるため使えません。https:// のアドレスにしてください。"
    ),
    "has_password": _(
        "利用者名やパスワードの入ったアドレスは使えません。公開用または秘密のアドレスをコピーしてください。"
    ),
    "other_port": _("ポート番号の付いたアドレスは使えません。番号のない https:// のアドレスにしてください。"),
    "is_number": _("数字だけのサーバーのアドレスは使えません。名前のあるサーバーのアドレスにしてください。"),
    "inner_name": _("組織の内側だけで使うサーバーは読み取れません。インターネットに公開されたアドレスにしてください。"),
    "a_page": _(
        "これはカレンダーの画面のアドレスです。下の「アドレスの見つけ方」のとおり、.ics で終わるアドレスをコピーしてください。"
    ),
    "own": _("このサイトのカレンダーです。ここでの予定は、はじめから重ならないようになっています。"),
}

# ── what happened on the way, and inside the file ─────────────────────────────
OF_READING = {
    "unknown_name": (_("サーバーが見つかりません。"), _COPY_AGAIN),
    "no_answer": (_("サーバーとうまく通信できませんでした。"), _WAIT),
    "slow": (_("時間内に届きませんでした。"), _WAIT),
    "bad_certificate": (_("サーバーの証明書を確かめられませんでした。"), _ASK_DESK),
    "leads_inside": (_("アドレスの先が、読み取ってはいけない場所でした。"), _COPY_AGAIN),
    "leads_elsewhere": (_("アドレスの先が、別のサーバーに移っていました。"), _COPY_AGAIN),
    "too_many_redirects": (_("アドレスの先が、次々に別の場所に移されました。"), _COPY_AGAIN),
    "not_found": (_("このアドレスのカレンダーは、もうありません。"), _COPY_AGAIN),
    "not_allowed": (_("カレンダーを読む許可がありません。公開や共有をやめると、こうなります。"), _COPY_AGAIN),
    "told_to_wait": (_("サーバーが混み合っていて、待つように言われました。"), _WAIT),
    "server_error": (_("サーバーがエラーを返しました。"), _WAIT),
    "bad_packing": (_("届いたものを開けませんでした。"), _WAIT),
    "too_big": (
        _("カレンダーが大きすぎます（10 MBまで）。"),
        _("古い予定を別のカレンダーに移すか、仕事の予定だけのカレンダーをつないでください。"),
    ),
    "empty_answer": (_("何も届きませんでした。"), _COPY_AGAIN),
    "web_page": (_("カレンダーではなく、ログインなどの画面が返ってきました。"), _COPY_AGAIN),
    "no_calendar": (_("届いたものは、カレンダーではありませんでした。"), _COPY_AGAIN),
    "cut_off": (_("カレンダーが途中で切れていました。"), _WAIT),
    "unreadable": (_("カレンダーの中に、読めない書き方がありました。"), _ASK_DESK),
    "impossible_times": (_("ありえない長さや日付の予定がありました。"), _MEND_EVENT),
    "repeats_too_often": (_("1日に何度もくり返す予定がありました。"), _MEND_EVENT),
    "repeats_too_long": (_("とても古い日からくり返す予定がありました。"), _MEND_EVENT),
    "too_many_times": (
        _("予定が多すぎます（1年で5,000件まで）。"),
        _("仕事の予定だけのカレンダーをつないでください。"),
    ),
    "too_heavy": (
        _("カレンダーを読むのに時間がかかりすぎました。"),
        _("古い予定や、くり返しの多い予定を減らしてください。"),
    ),
    "seal": (
        _("保存したアドレスを取り出せません。"),
        _("お手数ですが、アドレスをもう一度貼り付けてつなぎ直してください。"),
    ),
}

OF_CAUTIONS = {
    "floating": _("時間帯の書いていない予定がありました。あなたの時間帯の時刻として読みました。"),
    "unknown_zone": _(
        "知らない時間帯の予定がありました。あなたの時間帯の時刻として読みました。時刻が合っているか確かめてください。"
    ),
    "left_out": _("日時を読めない予定があり、その予定は数えていません。"),
}


def what_happened(source: CalendarSource) -> str:
    """The trouble of this calendar in a sentence, with the day of the event or the number of the error; "" when none."""
    if not source.trouble:
        return ""
    words = str(OF_READING.get(source.trouble, OF_READING["no_answer"])[0])
    if source.trouble_about:
        return gettext("%(words)s（%(about)s）") % {"words": words, "about": source.trouble_about}
    return words


def what_to_do(source: CalendarSource) -> str:
    return str(OF_READING.get(source.trouble, OF_READING["no_answer"])[1]) if source.trouble else ""


def cautions(source: CalendarSource) -> list[str]:
    return [str(OF_CAUTIONS[code]) for code in source.cautions.split() if code in OF_CAUTIONS]
