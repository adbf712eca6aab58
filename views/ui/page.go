package ui

func (p NoticeProps) tone() string {
	if p.Tone == "" {
		return Info
	}
	return p.Tone
}

func (p NoticeProps) icon() string {
	if p.Icon != "" {
		return p.Icon
	}
	switch p.tone() {
	case OK:
		return "circle-check"
	case Warn:
		return "triangle-alert"
	case Bad:
		return "octagon-alert"
	}
	return "info"
}
