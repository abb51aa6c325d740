"""What must hold. The folders mirror the code; `journeys` tells stories, `architecture` guards the house itself."""
