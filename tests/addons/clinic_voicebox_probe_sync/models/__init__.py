from . import google_service, microsoft_service
