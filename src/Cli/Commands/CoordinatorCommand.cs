namespace Lockstep.Cli.Commands;

/// <summary><c>coordinator</c>: the coordinator alone; workers join by themselves.</summary>
internal static class CoordinatorCommand
{
    public static Task<int> RunAsync(Invocation invocation) => new TrainingCommand(invocation, (_, common) => common).RunAsync();
}
