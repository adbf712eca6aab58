package webtest

import (
	"net/http"
	"net/http/httptest"
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
