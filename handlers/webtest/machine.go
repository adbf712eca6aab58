package webtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
)

// Ask asks as a machine does: without cookies, with a bearer token unless it is
// empty.
func (h *Hub) Ask(path, token string) Answer {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host, r.RemoteAddr = "localhost:8080", "127.0.0.1:40000"
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return Answer{w.Code, w.Header().Get("Location"), w.Header(), w.Body.String(), h.t}
}

// Call asks as a machine does that changes something: with a JSON body, and with
// further headers that alternate between name and value.
func (h *Hub) Call(method, path, token, body string, headers ...string) Answer {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host, r.RemoteAddr = "localhost:8080", "127.0.0.1:40000"
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return Answer{w.Code, w.Header().Get("Location"), w.Header(), w.Body.String(), h.t}
}
