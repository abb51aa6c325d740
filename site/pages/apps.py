from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PagesConfig(AppConfig):
    name = "pages"
    verbose_name = "ページ"

    def ready(self) -> None:
        from pages import freshness, groups, strict_editor
        from pages.registrations import register

        register()
        freshness.watch()
        # Of the roof's last app: the permissions of all others exist by then.
        post_migrate.connect(groups.give_permissions, sender=apps.get_app_config("wagtailadmin"))
        strict_editor.start_choosers_by_data()
