from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "ページ"

    def ready(self) -> None:
        from pages.registrations import cms_entry
        from ui import places

        places.menu.register(cms_entry, rank=60)
