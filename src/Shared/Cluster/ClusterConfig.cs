using System.Net;
using Akka.Configuration;
using Lockstep.Shared.Messages;

namespace Lockstep.Shared.Cluster;

/// <summary>Akka's settings for a node. Every line that differs from Akka's defaults says why.</summary>
public static class ClusterConfig
{
    /// <summary>Name of every node's actor system, the first part of its address.</summary>
    public const string SystemName = "lockstep";

    /// <summary>The settings of a node.</summary>
    /// <param name="role">The role of the node.</param>
    /// <param name="listen">Where it listens; port 0 takes a free one. A loopback address selects shorter failure timeouts.</param>
    /// <param name="advertise">
    /// Address and port at which others reach it, through a proxy or a NAT; null for <paramref name="listen"/>.
    /// </param>
    /// <exception cref="ArgumentException">The node listens on all addresses and advertises none.</exception>
    public static Config For(ClusterRole role, IPEndPoint listen, IPEndPoint? advertise = null)
    {
        ArgumentNullException.ThrowIfNull(listen);
        if (advertise is null && (listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any)))
            throw new ArgumentException($"A node that listens on all addresses ({listen}) needs an address to advertise, "
                + "for others to reach it by. Listen on one address instead.");
        Config node = ConfigurationFactory.ParseString(
            $$"""
            akka.cluster.roles = ["{{NameOf(role)}}"]
            # The coordinator leaves last and to nobody: its end is the end of the cluster.
            akka.coordinated-shutdown.run-by-actor-system-terminate = {{(role == ClusterRole.Worker ? "on" : "off")}}
            # A coordinator that is removed still saves what it has.
            akka.cluster.run-coordinated-shutdown-when-down = {{(role == ClusterRole.Worker ? "on" : "off")}}
            akka.remote.dot-netty.tcp {
              hostname = "{{listen.Address}}"
              port = {{listen.Port}}
              public-hostname = "{{(advertise ?? listen).Address}}"
              public-port = {{advertise?.Port ?? 0}}
            }
            """);
        return node.WithFallback(IPAddress.IsLoopback((advertise ?? listen).Address) ? Loopback : Network).WithFallback(Common).WithFallback(Local);
    }

    /// <summary>Name of a role among the members of the cluster.</summary>
    public static string NameOf(ClusterRole role) => role == ClusterRole.Coordinator ? "coordinator" : "worker";

    /// <summary>One machine: packets are late only because the scheduler is busy.</summary>
    private static Config Loopback { get; } = ConfigurationFactory.ParseString(
        """
        akka.cluster.failure-detector { heartbeat-interval = 250ms, acceptable-heartbeat-pause = 1500ms }
        lockstep.remove-unreachable-after = 2s
        """);

    /// <summary>Real networks: a pause of a few seconds is not a failure.</summary>
    private static Config Network { get; } = ConfigurationFactory.ParseString(
        """
        akka.cluster.failure-detector { heartbeat-interval = 1s, acceptable-heartbeat-pause = 4s }
        lockstep.remove-unreachable-after = 7s
        """);

    /// <summary>The settings of a system of actors that others cannot reach.</summary>
    internal static Config Local { get; } = ConfigurationFactory.ParseString(
        $$"""
        akka {
          # To the process's own log, see AkkaLog; never to standard output, where results go.
          loggers = ["{{typeof(AkkaLog).FullName}}, Lockstep.Shared"]
          loglevel = WARNING
          stdout-loglevel = OFF
          stdout-logger-class = "{{typeof(NoStandardOutput).FullName}}, Lockstep.Shared"
          log-dead-letters = off
          log-serializer-override-on-start = off
          # The command handles signals itself: finish the step, save, leave.
          coordinated-shutdown.run-by-clr-shutdown-hook = off
        }
        """);

    private static Config Common { get; } = ConfigurationFactory.ParseString(
        $$"""
        akka {
          coordinated-shutdown {
            # A worker leaves the cluster in good order, but does not wait long for a coordinator that is gone.
            phases { cluster-leave.timeout = 1s, cluster-exiting.timeout = 1s, cluster-exiting-done.timeout = 1s }
          }

          actor {
            provider = cluster
            serializers {
              lockstep = "{{typeof(ProtocolSerializer).FullName}}, Lockstep.Shared"
              # Akka's serializers of these names create what the sender names: any type, any actor, any Protobuf message.
              json = "{{typeof(RefusingSerializer).FullName}}, Lockstep.Shared"
              daemon-create = "{{typeof(RefusingSerializer).FullName}}, Lockstep.Shared"
              proto = "{{typeof(RefusingSerializer).FullName}}, Lockstep.Shared"
            }
            serialization-bindings {
              "{{typeof(IRunMessage).FullName}}, Lockstep.Shared" = lockstep
            }
            serialization-settings {
              allow-unregistered-types = off
              json.refused-identifier = 1
              proto.refused-identifier = 2
              daemon-create.refused-identifier = 3
            }
          }

          remote {
            # A node that dials before the other listens retries soon; the default is 5 s.
            retry-gate-closed-for = 500ms
            use-dispatcher = lockstep.cluster-dispatcher
            # Both sides prove the secret, if the cluster has one, before Akka sees a connection. No blank after the comma:
            # Akka would then take the quotes as part of the name.
            adapters.lockstep = "{{typeof(SecretTransportProvider).FullName}},Lockstep.Shared"
            dot-netty.tcp.applied-adapters = [lockstep]
            # Also the time limit for that proof; the default is 15 s.
            dot-netty.tcp.connection-timeout = 5s
          }

          cluster {
            # Heartbeats and gossip have their own threads, so that a busy shared pool does not delay them.
            use-dispatcher = lockstep.cluster-dispatcher

            # Three processes are up in 0.6 s instead of 2 s.
            gossip-interval = 200ms
            leader-actions-interval = 200ms
            periodic-tasks-initial-delay = 100ms
            unreachable-nodes-reaper-interval = 250ms
            seed-node-timeout = 1s
            retry-unsuccessful-join-after = 1s

            # The side with the coordinator stays, however small it is, because it has the weights.
            downing-provider-class = "{{typeof(CoordinatorDecides).FullName}}, Lockstep.Shared"
            # The downing provider uses only what a node hears itself, so the coordinator and every worker must monitor each other.
            monitored-by-nr-of-members = 1000
          }
        }

        lockstep.cluster-dispatcher {
          type = Dispatcher
          executor = "{{ThreadsExecutor.SettingsName}}"
          thread-count = 2
          throughput = 30
        }
        """);
}
