// Package static holds the assets that every page loads: stylesheet, fonts,
// icons and scripts, embedded in the program and served under an address that
// changes with their content. It knows no page and no request beyond its own;
// nothing that depends on a person or a tenant may be put here.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Prefix is where Handler is mounted.
const Prefix = "/assets/"

//go:embed css/*.css fonts third_party icons.svg favicon.svg locum.js
var files embed.FS

// asset is one file as it goes over the wire.
type asset struct {
	content, zipped []byte // zipped is nil where it saves nothing
	kind            string
}

// bundle is all assets under the names Path takes, with one hash over all of
// them: they refer to each other by relative addresses, so they move together.
type bundle struct {
	hash   string
	assets map[string]asset
}

var assets = sync.OnceValue(func() bundle {
	b, err := gather(files)
	if err != nil {
		panic("static: " + err.Error())
	}
	return b
})

// Path is the address of an asset by its name: "locum.css", "locum.js",
// "htmx.min.js", "icons.svg", "favicon.svg", "fonts/…". An unknown name is a
// mistake in the program and panics.
func Path(name string) string {
	b := assets()
	if _, ok := b.assets[name]; !ok {
		panic("static: no asset " + name)
	}
	return Prefix + b.hash + "/" + name
}

// Version is the hash over all assets, which changes when any of them does.
func Version() string { return assets().hash }

// Handler serves the assets below Prefix. Under the current hash they may be
// kept forever. Under another one, which a page of the previous version asks
// for during an upgrade, the current ones are served and not kept.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	b := assets()
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	found, ok := b.assets[name]
	if !ok {
		found, ok = favicon(name)
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	head := w.Header()
	head.Set("Content-Type", found.kind)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cache-Control", "no-cache")
	if hash == b.hash {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := found.content
	if found.zipped != nil {
		head.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			head.Set("Content-Encoding", "gzip")
			body = found.zipped
		}
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a reader who went away is nobody's error
	}
}

// gather reads the embedded files, joins the stylesheet and hashes the whole.
func gather(from fs.FS) (bundle, error) {
	b := bundle{assets: map[string]asset{}}
	sum := sha256.New()
	var style bytes.Buffer
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		sum.Write(content)
		if path.Ext(name) == ".css" { // in file order, which is the order of the layers
			style.Write(content)
			return nil
		}
		b.assets[strings.TrimPrefix(name, "third_party/")], err = pack(name, content)
		return err
	})
	if err != nil {
		return b, err
	}
	b.assets["locum.css"], err = pack("locum.css", style.Bytes())
	b.hash = hex.EncodeToString(sum.Sum(nil))[:12]
	return b, err
}

// pack names the type of a file and compresses it where that helps.
func pack(name string, content []byte) (asset, error) {
	a := asset{content: content, kind: kindOf(name)}
	if path.Ext(name) == ".woff2" { // compressed as it is
		return a, nil
	}
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return a, err
	}
	if _, err := w.Write(content); err != nil {
		return a, err
	}
	if err := w.Close(); err != nil {
		return a, err
	}
	if zipped.Len() < len(content) {
		a.zipped = zipped.Bytes()
	}
	return a, nil
}

// kindOf does not ask the machine's own table of types, which differs.
func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}

func acceptsGzip(header string) bool {
	for _, coding := range strings.Split(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.ReplaceAll(weight, " ", "") != "q=0"
		}
	}
	return false
}
