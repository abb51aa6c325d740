from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "ページ"

    def ready(self) -> None:
        from pages.registrations import cms_entry, public_state
        from ui import places

        places.menu.register(cms_entry, rank=60)
        places.public_state.register(public_state)
