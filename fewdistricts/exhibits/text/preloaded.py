"""The texts of all languages, read when this module is imported: once, before the kernels that print are forked."""

from fewdistricts import languages
from fewdistricts.exhibits.text.wording import Words

for language in languages.available():
    Words(language)
