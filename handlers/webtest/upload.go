package webtest

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// Upload is Post with a file in a field of that name.
func (b *Browser) Upload(path, field string, content []byte, fields ...string) Answer {
	b.hub.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields = append(fields, "epoch", strconv.FormatInt(b.hub.ActorOf(b.token).Epoch, 10))
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			b.hub.t.Fatal(err)
		}
	}
	file, err := form.CreateFormFile(field, field+".xml")
	if err != nil {
		b.hub.t.Fatal(err)
	}
	if _, err := file.Write(content); err != nil {
		b.hub.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		b.hub.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Host, r.RemoteAddr = "localhost:8080", "127.0.0.1:40000"
	r.Header.Set("Content-Type", form.FormDataContentType())
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	b.hub.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		b.cookies[cookie.Name] = cookie
	}
	return Answer{w.Code, w.Header().Get("Location"), w.Header(), w.Body.String(), b.hub.t}
}
