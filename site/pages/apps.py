from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "ページ"

    def ready(self) -> None:
        from pages import freshness
        from pages.registrations import register

        register()
        freshness.watch()
