package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, address string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestAssetsAreServedWithTheirTypes(t *testing.T) {
	for name, kind := range map[string]string{
		"locum.css":                               "text/css; charset=utf-8",
		"locum.js":                                "text/javascript; charset=utf-8",
		"htmx.min.js":                             "text/javascript; charset=utf-8",
		"icons.svg":                               "image/svg+xml",
		"favicon.svg":                             "image/svg+xml",
		"fonts/inter-latin-wght-normal.woff2":     "font/woff2",
		"fonts/LICENSE-inter.txt":                 "text/plain; charset=utf-8",
		"fonts/LICENSE-geist-mono.txt":            "text/plain; charset=utf-8",
		"LICENSE-htmx.txt":                        "text/plain; charset=utf-8",
		"LICENSE-lucide.txt":                      "text/plain; charset=utf-8",
		"fonts/inter-latin-ext-wght-normal.woff2": "font/woff2",
	} {
		answer := get(t, Path(name))
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %q, want 200 %q", name, answer.StatusCode, answer.Header.Get("Content-Type"), kind)
		}
		if cache := answer.Header.Get("Cache-Control"); !strings.Contains(cache, "immutable") {
			t.Errorf("%s: Cache-Control %q is not immutable", name, cache)
		}
	}
}

func TestStylesheetFindsItsFonts(t *testing.T) {
	address := Path("locum.css")
	style, _ := io.ReadAll(get(t, address).Body)
	fonts := regexp.MustCompile(`url\("([^"]+)"\)`).FindAllSubmatch(style, -1)
	if len(fonts) == 0 {
		t.Fatal("the stylesheet names no font")
	}
	for _, font := range fonts {
		if answer := get(t, path.Join(path.Dir(address), string(font[1]))); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", font[1], answer.StatusCode)
		}
	}
	if bytes.Contains(style, []byte("data:")) {
		t.Error("a data: address would break the content security policy")
	}
	if first := bytes.Index(style, []byte("@layer tokens, base")); first < 0 || first > 400 {
		t.Error("the order of the layers does not come first")
	}
}

func TestCompressionIsOfferedAndRight(t *testing.T) {
	plain, _ := io.ReadAll(get(t, Path("locum.css")).Body)
	for accepted, zipped := range map[string]bool{"gzip, br": true, "br;q=1, GZIP;q=0.5": true, "gzip;q=0": false, "br": false, "": false} {
		answer := get(t, Path("locum.css"), "Accept-Encoding", accepted)
		if got := answer.Header.Get("Content-Encoding") == "gzip"; got != zipped {
			t.Errorf("Accept-Encoding %q: gzip %v, want %v", accepted, got, zipped)
			continue
		}
		if answer.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: no Vary", accepted)
		}
		var body io.Reader = answer.Body
		if zipped {
			var err error
			if body, err = gzip.NewReader(answer.Body); err != nil {
				t.Fatal(err)
			}
		}
		if content, _ := io.ReadAll(body); !bytes.Equal(content, plain) {
			t.Errorf("Accept-Encoding %q: other content", accepted)
		}
	}
}

func TestAnotherVersionsAddressIsServedButNotKept(t *testing.T) {
	answer := get(t, Prefix+"0123456789ab/locum.css")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%d %q", answer.StatusCode, answer.Header.Get("Cache-Control"))
	}
	for _, address := range []string{Prefix + Version() + "/nothing.css", Prefix + Version() + "/css/00-tokens.css", Prefix, Prefix + Version() + "/../static.go", Prefix + "locum.css"} {
		if answer := get(t, address); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", address, answer.StatusCode)
		}
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, Path("locum.js"), nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	w = httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodHead, Path("locum.js"), nil))
	if w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestTheAddressFollowsTheContent(t *testing.T) {
	of := func(content string) string {
		b, err := gather(fstest.MapFS{"css/a.css": {Data: []byte(content)}, "locum.js": {Data: []byte("x")}})
		if err != nil {
			t.Fatal(err)
		}
		return b.hash
	}
	if first := of("a{}"); first == of("b{}") || first != of("a{}") {
		t.Error("the hash does not follow the content alone")
	}
}

func TestAnUnknownAssetPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Path took an unknown name")
		}
	}()
	Path("nothing.css")
}

func TestTheLockHoldsNoRegistryAddress(t *testing.T) {
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(lock, []byte(`"resolved"`)) {
		t.Error("package-lock.json holds resolved addresses: npm run vendor leaves them out")
	}
}
