package demo

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// pages holds one template set per page: its own file laid into the frame.
var pages = parsePages("index", "tenants", "tenant", "choose", "change", "continue", "signedout", "mail", "refused",
	"directory", "person", "group", "receiver")

func parsePages(names ...string) map[string]*template.Template {
	helpers := template.FuncMap{
		"initials":  initials,
		"linked":    linked,
		"unescaped": unescaped,
		"hour":      func(t time.Time) string { return t.Local().Format("15:04:05") },
		"clock":     func(t time.Time) string { return t.Local().Format("Mon 2 Jan 2006, 15:04:05") },
	}
	parsed := make(map[string]*template.Template, len(names))
	for _, name := range names {
		parsed[name] = template.Must(template.New("frame.html").Funcs(helpers).
			ParseFS(pageFiles, "pages/frame.html", "pages/directory_parts.html", "pages/"+name+".html"))
	}
	return parsed
}

// initials are the one or two letters in a person's circle.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" .-_@", r) })
	if strings.Contains(name, "@") && len(words) > 1 {
		words = words[:1]
	}
	letters := ""
	for i, word := range words {
		if i == 0 || i == len(words)-1 {
			letters += string([]rune(word)[:1])
		}
	}
	return strings.ToUpper(letters)
}

// unescaped is a request's path as people read it: its filter unescaped.
func unescaped(path string) string {
	if text, err := url.QueryUnescape(path); err == nil {
		return text
	}
	return path
}

// render writes a page under the strict policy of this server. Further origins
// are those its forms may send to, because a form's target and the redirects
// that follow it both count as form-action.
func render(w http.ResponseWriter, status int, name string, data any, formOrigins ...string) {
	var page bytes.Buffer
	if err := pages[name].Execute(&page, data); err != nil {
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "+
		strings.Join(append([]string{"'self'"}, formOrigins...), " "))
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

// refuse writes a page that says what is wrong, in the strangers' own words.
func refuse(w http.ResponseWriter, status int, title, reason string) {
	render(w, status, "refused", map[string]string{"Title": title, "Reason": reason})
}

// serveAsset writes one embedded style sheet or script.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	content, err := assetFiles.ReadFile("assets/" + path.Base(r.URL.Path))
	if err != nil {
		refuse(w, http.StatusNotFound, "Nothing here", "This address leads nowhere.")
		return
	}
	kind := map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}[path.Ext(r.URL.Path)]
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(content)
}

// origin is the scheme and host of an address, or "" where it has none.
func origin(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}
