package notice

import "locum/models/mail"

// icons are what entries begin with.
var icons = map[mail.Kind]string{
	mail.EnteredKind: "log-in", mail.LeftKind: "log-out", mail.GrantedKind: "plus", mail.AnsweredKind: "check", mail.ExtendedKind: "calendar-plus",
	mail.RevokedKind: "ban", mail.ExpiredKind: "clock", mail.SuspendedKind: "circle-pause", mail.WatchChangedKind: "bell-off",
	mail.MuteEndedKind: "bell", mail.UnwatchedKind: "mail-x", mail.LoosenedKind: "shield-alert",
	mail.SecretGivenKind: "eye", mail.SecretExpiringKind: "hourglass",
	mail.TokenMadeKind: "key-round",
}

func icon(kind mail.Kind) string {
	if name, known := icons[kind]; known {
		return name
	}
	return "org-via"
}
