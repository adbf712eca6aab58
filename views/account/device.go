package account

import (
	"context"

	"locum/models/account"
	"locum/views/i18n"
)

// device names a browser as its owner knows it: "Firefox on Linux".
func device(ctx context.Context, agent string) string {
	browser, system := account.Device(agent)
	switch {
	case browser != "" && system != "":
		return i18n.T(ctx, "account.device", "Browser", browser, "System", system)
	case browser+system != "":
		return browser + system
	}
	return i18n.T(ctx, "account.device.unknown")
}

// deviceIcon tells what is held in a hand from what stands on a desk.
func deviceIcon(agent string) string {
	switch _, system := account.Device(agent); system {
	case "iPhone", "Android":
		return "smartphone"
	case "":
		return "globe"
	}
	return "laptop"
}
