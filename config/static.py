"""Static files under names that carry a hash of their content, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStorage(CompressedManifestStaticFilesStorage):
    """Before the first `collectstatic`, as in tests, files keep their plain names instead of raising."""

    def stored_name(self, name: str) -> str:
        return super().stored_name(name) if self.hashed_files else name
