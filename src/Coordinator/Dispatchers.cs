using Akka.Configuration;
using Lockstep.Shared.Cluster;

namespace Lockstep.Coordinator;

/// <summary>Dispatchers of the coordinator's actors. Computing and disk waits never delay heartbeats and gossip.</summary>
internal static class Dispatchers
{
    public const string ParameterServer = "lockstep.parameter-server-dispatcher";
    public const string Evaluator = "lockstep.evaluator-dispatcher";
    public const string Checkpointer = "lockstep.checkpointer-dispatcher";

    // One thread each.
    public static Config Config { get; } = ConfigurationFactory.ParseString(
        $$"""
        lockstep {
          parameter-server-dispatcher { type = Dispatcher, executor = "{{ThreadsExecutor.SettingsName}}" }
          evaluator-dispatcher { type = Dispatcher, executor = "{{ThreadsExecutor.SettingsName}}" }
          checkpointer-dispatcher { type = Dispatcher, executor = "{{ThreadsExecutor.SettingsName}}" }
        }
        """);
}
