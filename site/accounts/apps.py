from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "人と役割"

    def ready(self) -> None:
        from accounts.once import forget_old_keys
        from ui import places

        places.tick_jobs.register(forget_old_keys, rank=90)
