"""Slips of invented people in several scripts."""

from __future__ import annotations

from printers.document import Cut, Document, Field, Qr, Rule, Text
from printers.profile import Profile, read_profile
from sync.resources import resource

NAMES = {
    "Latin": "Zoë Đặng-Łukasiewicz",
    "Devanagari": "क्षत्रिय सिंह",
    "Arabic": "فاطمة الزهراء",
    "Ethiopic": "አልማዝ ተስፋዬ",
    "Bengali": "রহিমা খাতুন",
    "Tamil": "கமலா தேவி",
    "Khmer": "ហេង សុខា",
    "Burmese": "မောင်အောင်",
    "Thai": "สมชาย ใจดี",
    "Cyrillic": "Наталья Соколова",
}


def profile(name: str) -> Profile:
    return read_profile(resource("config/printers"), name)


def slip(name: str, payload: bytes, *, rtl: bool = False) -> Document:
    return Document(
        (
            Text("Certificate", "large", bold=True, align="centre"),
            Rule(),
            Field("Name", name, bold=True),
            Field("Lot", "4121Z025"),
            Qr(payload),
            Text("END 7Q4W 12", "small", align="centre"),
            Cut(),
        ),
        rtl,
    )
