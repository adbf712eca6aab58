// Command traefik serves a dynamic configuration of Traefik by Traefik's own decoder,
// rules, middlewares and proxy, as one entry point without TLS would. The rest of
// Traefik (its providers, certificates, dashboard) is left out, and with it what
// makes a build of it take minutes: .ci/run lays the packages beside this file, as
// they were released, in "upstream", with the stand-ins of "stub" for two files of
// telemetry that would bring all providers along.
//
//	traefik -listen 127.0.0.1:8000 -config dynamic.yaml
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/traefik/paerser/file"
	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/middlewares/auth"
	"github.com/traefik/traefik/v3/pkg/middlewares/forwardedheaders"
	"github.com/traefik/traefik/v3/pkg/middlewares/headers"
	"github.com/traefik/traefik/v3/pkg/middlewares/replacepathregex"
	"github.com/traefik/traefik/v3/pkg/middlewares/requestdecorator"
	muxer "github.com/traefik/traefik/v3/pkg/muxer/http"
	"github.com/traefik/traefik/v3/pkg/proxy/httputil"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8000", "where it serves")
	config := flag.String("config", "", "the dynamic configuration")
	flag.Parse()
	content, err := os.ReadFile(*config)
	if err != nil {
		log.Fatal(err)
	}
	handler, err := entryPoint(string(content))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *listen, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// entryPoint is what stands before every router (pkg/server in Traefik), with its
// defaults: no proxy before this one is trusted, and paths are cleaned.
func entryPoint(content string) (http.Handler, error) {
	var c dynamic.Configuration
	if err := file.DecodeContent(content, ".yaml", &c); err != nil { // refuses what it does not know
		return nil, err
	}
	parser, err := muxer.NewSyntaxParser()
	if err != nil {
		return nil, err
	}
	routes := muxer.NewMuxer(parser)
	for name, router := range c.HTTP.Routers {
		handler, err := serve(c.HTTP, router)
		if err != nil {
			return nil, fmt.Errorf("router %s: %w", name, err)
		}
		priority := router.Priority
		if priority == 0 {
			priority = muxer.GetRulePriority(router.Rule)
		}
		if err := routes.AddRoute(router.Rule, router.RuleSyntax, priority, handler); err != nil {
			return nil, fmt.Errorf("router %s: %w", name, err)
		}
	}
	decorated := requestdecorator.WrapHandler(requestdecorator.New(nil))
	next, err := decorated(routes)
	if err != nil {
		return nil, err
	}
	return forwardedheaders.NewXForwarded(false, nil, nil, clean(next))
}

// clean is sanitizePath of Traefik's entry points.
func clean(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cleaned := *r
		cleaned.URL = r.URL.JoinPath()
		cleaned.RequestURI = cleaned.URL.RequestURI()
		next.ServeHTTP(w, &cleaned)
	})
}

// transports has one transport for every service.
type transports struct{ httputil.TransportManager }

func (transports) GetRoundTripper(string) (http.RoundTripper, error) {
	return http.DefaultTransport, nil
}

// serve is a router's service behind its middlewares.
func serve(c *dynamic.HTTPConfiguration, router *dynamic.Router) (http.Handler, error) {
	service := c.Services[router.Service]
	if service == nil || service.LoadBalancer == nil || len(service.LoadBalancer.Servers) != 1 {
		return nil, fmt.Errorf("no service %s of one server", router.Service)
	}
	to, err := url.Parse(service.LoadBalancer.Servers[0].URL)
	if err != nil {
		return nil, err
	}
	passHost := service.LoadBalancer.PassHostHeader == nil || *service.LoadBalancer.PassHostHeader
	next, err := httputil.NewProxyBuilder(transports{}, nil).Build("default", to, passHost, false, 100*time.Millisecond)
	for i := len(router.Middlewares) - 1; i >= 0 && err == nil; i-- {
		next, err = wrap(c, strings.TrimSuffix(router.Middlewares[i], "@file"), next)
	}
	return next, err
}

func wrap(c *dynamic.HTTPConfiguration, name string, next http.Handler) (http.Handler, error) {
	ctx, m := context.Background(), c.Middlewares[name]
	switch {
	case m == nil:
		return nil, fmt.Errorf("no middleware %s", name)
	case m.Headers != nil:
		return headers.New(ctx, next, *m.Headers, name)
	case m.ForwardAuth != nil:
		return auth.NewForward(ctx, next, *m.ForwardAuth, name)
	case m.ReplacePathRegex != nil:
		return replacepathregex.New(ctx, next, *m.ReplacePathRegex, name)
	}
	return nil, fmt.Errorf("middleware %s is of a kind that is left out here", name)
}
