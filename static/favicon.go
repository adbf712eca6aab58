package static

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Favicon is the address of the sign of an organization for a browser's tab: in
// its colour (hue, 1 to 8), solid when one works there through a delegation and
// soft when it is one's own, with its icon or, when that is empty, a building.
func Favicon(hue int, via bool, icon string) string {
	name := fmt.Sprintf("%s%d-%s-%s.svg", faviconFolder, hue, manner(via), iconOr(icon, via))
	if _, there := favicon(name); !there {
		return Path("favicon.svg") // a colour or an icon of another version
	}
	return Prefix + assets().hash + "/" + name
}

const faviconFolder = "favicon/"

func manner(via bool) string {
	if via {
		return "via"
	}
	return "own"
}

func iconOr(icon string, via bool) string {
	if icon == "" {
		return "org-" + manner(via)
	}
	return icon
}

// hues are the angles and chromas of the tone engine in css/00-tokens.css.
var hues = []struct{ angle, chroma float64 }{{245, 1}, {205, 0.8}, {178, 0.8}, {128, 0.9}, {82, 0.9}, {45, 1.1}, {345, 1.25}, {305, 1.2}}

var (
	faviconName = regexp.MustCompile(`^favicon/([1-8])-(own|via)-([a-z0-9-]+)\.svg$`)
	symbol      = regexp.MustCompile(`(?s)<symbol id="([^"]+)"[^>]*>(.*?)</symbol>`)
)

// symbols are the drawings of the icon sheet, by name.
var symbols = sync.OnceValue(func() map[string]string {
	drawings := map[string]string{}
	sheet, err := files.ReadFile("icons.svg")
	if err != nil {
		panic("static: " + err.Error())
	}
	for _, found := range symbol.FindAllSubmatch(sheet, -1) {
		drawings[string(found[1])] = string(found[2])
	}
	return drawings
})

// favicon draws the sign that a name asks for; false when there is none.
func favicon(name string) (asset, bool) {
	parts := faviconName.FindStringSubmatch(name)
	if parts == nil {
		return asset{}, false
	}
	drawing, there := symbols()[parts[3]]
	if !there {
		return asset{}, false
	}
	h := hues[slices.Index([]string{"1", "2", "3", "4", "5", "6", "7", "8"}, parts[1])]
	ground, ink := shade(0.925, 0.05, h.chroma, h.angle), shade(0.41, 0.105, h.chroma, h.angle)
	if parts[2] == "via" {
		ground, ink = shade(0.435, 0.115, h.chroma, h.angle), "#fff"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="%s"/>`, ground)
	fmt.Fprintf(&b, `<g transform="translate(3.6 3.6) scale(.7)" fill="none" stroke="%s" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round">%s</g></svg>`, ink, drawing)
	return asset{content: []byte(b.String()), kind: kindOf(name)}, true
}

func shade(lightness, chroma, factor, angle float64) string {
	return fmt.Sprintf("oklch(%.3f %.3f %.0f)", lightness, chroma*factor, angle)
}
