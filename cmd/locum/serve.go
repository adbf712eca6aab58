package main

import (
	"context"
	"fmt"
	"strings"

	"locum/handlers/web"
)

type serve struct {
	settings `embed:""`
}

// Run serves the hub until it is told to stop.
func (s *serve) Run(ctx context.Context) error {
	smtp, err := s.smtp()
	if err != nil {
		return err
	}
	listener, err := listen("LOCUM_LISTEN", s.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	public, err := s.public(listener.Addr())
	if err != nil {
		return err
	}
	log := s.log()
	house, err := open(ctx, s.url(), s.keyFile(), log, nil)
	if err != nil {
		return s.explain(err)
	}
	defer house.store.Close()
	return house.serve(ctx, serving{public: public, smtp: smtp, trusted: s.TrustedProxies, metricsFrom: s.MetricsFrom, allowPrivate: s.AllowPrivate, forwardDomain: s.ForwardDomain, listener: listener,
		beforeRequests: func(ctx context.Context, _ *web.App) error {
			log.Info("serving", "address", public.String(), "database", house.store.Dialect())
			token, err := house.entrance.PrepareSetup(ctx)
			if err == nil && token != "" {
				log.Info("this installation is empty: open the address within the hour to become its first operator",
					"setup", fmt.Sprintf("%s/setup/%s", strings.TrimRight(public.String(), "/"), token))
			}
			return err
		}})
}
