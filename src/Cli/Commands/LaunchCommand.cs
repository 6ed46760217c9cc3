using Lockstep.Cli.Configuration;

namespace Lockstep.Cli.Commands;

/// <summary><c>launch</c>: coordinator in this process, workers on other machines, which it starts by ssh.</summary>
internal static class LaunchCommand
{
    public static Task<int> RunAsync(Invocation invocation) => new TrainingCommand(invocation, (settings, common) => common with
    {
        Hosts = settings.Find(OptionTable.Hosts)?.All ?? throw new RequestException($"{OptionTable.Hosts.Name} is missing: give {OptionTable.Hosts.Legal}."),
        Ssh = settings.Get(OptionTable.Ssh),
        RemoteProgram = settings.Find(OptionTable.RemoteProgram),
    }).RunAsync();
}
