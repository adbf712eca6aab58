package static

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// drawn fetches a sign as a browser does.
func drawn(t *testing.T, address string) string {
	t.Helper()
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" {
		t.Fatalf("%s answers %d %s", address, w.Code, w.Header().Get("Content-Type"))
	}
	for in := xml.NewDecoder(strings.NewReader(w.Body.String())); ; {
		if _, err := in.Token(); err == io.EOF {
			return w.Body.String()
		} else if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
	}
}

func TestEveryOrganizationHasASignOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	for hue := 1; hue <= 8; hue++ {
		for _, via := range []bool{false, true} {
			for _, icon := range []string{"", "briefcase", "zap"} {
				address := Favicon(hue, via, icon)
				content := drawn(t, address)
				if other, there := seen[content]; there {
					t.Errorf("%s looks like %s", address, other)
				}
				seen[content] = address
			}
		}
	}
}

func TestASignThatIsNotDrawnIsTheCommonOne(t *testing.T) {
	for _, address := range []string{Favicon(0, false, ""), Favicon(9, true, ""), Favicon(1, true, "no-such-icon")} {
		if address != Path("favicon.svg") {
			t.Errorf("%s", address)
		}
	}
	for _, name := range []string{"favicon/9-own-zap.svg", "favicon/1-own-../css.svg", "favicon/1-own-.svg", "favicon/1-both-zap.svg"} {
		if _, there := favicon(name); there {
			t.Errorf("%s is drawn", name)
		}
	}
}

// The colours are those of the stylesheet.
func TestSignsHaveTheColoursOfTheStylesheet(t *testing.T) {
	style, err := os.ReadFile("css/00-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\[data-hue="(\d)"\] \{ --h: (\d+); --c: ([\d.]+); \}`).FindAllStringSubmatch(string(style), -1)
	if len(found) != len(hues) {
		t.Fatalf("the stylesheet has %d hues", len(found))
	}
	for _, one := range found {
		n, _ := strconv.Atoi(one[1])
		if h := hues[n-1]; fmt.Sprint(h.angle) != one[2] || fmt.Sprint(h.chroma) != one[3] {
			t.Errorf("hue %d is %v, in the stylesheet %s and %s", n, h, one[2], one[3])
		}
	}
}
