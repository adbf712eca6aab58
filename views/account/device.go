package account

import (
	"context"
	"strings"

	"locum/views/i18n"
)

// named is a name for people, and the mark in a User-Agent header that gives
// it away.
type named struct{ mark, name string }

// browsers and systems stand in the order in which they are asked: most say
// that they are Chrome or Safari too, and Android that it is Linux.
var (
	browsers = []named{{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = []named{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Macintosh", "macOS"}, {"Linux", "Linux"}, {"X11", "Linux"}}
)

func find(list []named, agent string) string {
	for _, n := range list {
		if strings.Contains(agent, n.mark) {
			return n.name
		}
	}
	return ""
}

// device names a browser as its owner knows it: "Firefox on Linux".
func device(ctx context.Context, agent string) string {
	browser, system := find(browsers, agent), find(systems, agent)
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
	switch find(systems, agent) {
	case "iPhone", "Android":
		return "smartphone"
	case "":
		return "globe"
	}
	return "laptop"
}
