from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "人と役割"

    def ready(self) -> None:
        from accounts.once import forget_old_keys
        from accounts.sign_ins import forget_ended_sign_ins
        from accounts.terms.actions import links_to_terms
        from ui import places

        places.page_links.register(links_to_terms, rank=90)
        places.tick_jobs.register(forget_old_keys, rank=90)
        places.tick_jobs.register(forget_ended_sign_ins, rank=92)
