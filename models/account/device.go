package account

import "strings"

// mark is what in a User-Agent header gives a browser or a system away, and
// its name for people.
type mark struct{ text, name string }

// browsers and systems stand in the order in which they are asked: most say
// that they are Chrome or Safari too, and Android that it is Linux.
var (
	browsers = []mark{{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = []mark{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Macintosh", "macOS"}, {"Linux", "Linux"}, {"X11", "Linux"}}
)

// Device names the browser and the system of a User-Agent header, without
// their versions; empty where they are not known.
func Device(agent string) (browser, system string) {
	return nameIn(browsers, agent), nameIn(systems, agent)
}

func nameIn(list []mark, agent string) string {
	for _, m := range list {
		if strings.Contains(agent, m.text) {
			return m.name
		}
	}
	return ""
}
