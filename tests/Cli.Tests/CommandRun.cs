using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests;

/// <summary>A command line run in this process.</summary>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>A world without a terminal and an environment, for what is no command.</summary>
    public static CommandIo Nothing { get; } =
        new(TextWriter.Null, TextWriter.Null, TextReader.Null, new Dictionary<string, string>(), ErrorIsTerminal: false);

    /// <summary>Runs to the end, offline, with nothing in the environment but what is given.</summary>
    public static Task<CommandRun> RunAsync(string[] args, params (string Name, string Value)[] environment) =>
        RunAsync(args, new StringWriter(), environment);

    /// <summary>Runs to the end with a standard error that can be watched.</summary>
    public static async Task<CommandRun> RunAsync(string[] args, TextWriter error, params (string Name, string Value)[] environment)
    {
        var output = new StringWriter();
        var variables = environment.ToDictionary(variable => variable.Name, variable => variable.Value);
        _ = variables.TryAdd("LOCKSTEP_OFFLINE", "1");
        var io = new CommandIo(output, TextWriter.Synchronized(error), TextReader.Null, variables, ErrorIsTerminal: false);
        Task<int> run = Task.Run(() => LockstepCommand.RunAsync(args, io));
        if (await Task.WhenAny(run, Task.Delay(Deadline)) != run)
            throw new TimeoutException($"'lockstep {string.Join(' ', args)}' did not end within {Deadline}. It said: {error}");
        return new CommandRun(await run, output.ToString(), error.ToString()!);
    }
}
