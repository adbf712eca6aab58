package mail

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"

	"locum/models/mail"
)

// The fixed colours are those of the stylesheet's tokens.
func TestHuesFollowTheTokens(t *testing.T) {
	css, err := os.ReadFile("../../static/css/00-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	solid := regexp.MustCompile(`--tone-solid: light-dark\(oklch\(([\d.]+) calc\(([\d.]+) \* var\(--c\)\)`).FindSubmatch(css)
	if solid == nil {
		t.Fatal("no --tone-solid among the tokens")
	}
	hue := regexp.MustCompile(`\[data-hue="(\d)"\] \{ --h: ([\d.]+); --c: ([\d.]+);`).FindAllSubmatch(css, -1)
	if len(hue) != len(hues) {
		t.Fatalf("%d hues among the tokens, %d here", len(hue), len(hues))
	}
	number := func(b []byte) float64 { n, _ := strconv.ParseFloat(string(b), 64); return n }
	for i, h := range hue {
		want := fromOKLCH(number(solid[1]), number(solid[2])*number(h[3]), number(h[2]))
		if got := bandColour(mail.Place{Hue: i + 1}); got != want {
			t.Errorf("hue %d is %s, the tokens say %s", i+1, got, want)
		}
	}
	if bandColour(mail.Place{}) != accent || bandColour(mail.Place{Hue: 9}) != accent {
		t.Error("a place without a hue has an organization's colour")
	}
}

// fromOKLCH is the sRGB colour of an OKLCH one, clipped to what sRGB can show
// (CSS Color Module Level 4, section 10).
func fromOKLCH(lightness, chroma, degrees float64) string {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	a, b := chroma*cos, chroma*sin
	l := math.Pow(lightness+0.3963377774*a+0.2158037573*b, 3)
	m := math.Pow(lightness-0.1055613458*a-0.0638541728*b, 3)
	s := math.Pow(lightness-0.0894841775*a-1.2914855480*b, 3)
	channel := func(x float64) int {
		x = min(1, max(0, x))
		if x <= 0.0031308 {
			return int(math.Round(255 * 12.92 * x))
		}
		return int(math.Round(255 * (1.055*math.Pow(x, 1/2.4) - 0.055)))
	}
	return fmt.Sprintf("#%02x%02x%02x", channel(4.0767416621*l-3.3077115913*m+0.2309699292*s),
		channel(-1.2684380046*l+2.6097574011*m-0.3413193965*s), channel(-0.0041960863*l-0.7034186147*m+1.7076147010*s))
}
