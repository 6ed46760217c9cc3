using System.CommandLine;

namespace Lockstep.Cli.Commands;

/// <summary><c>help</c>: the list of commands, or all options of one.</summary>
internal sealed class HelpCommand : CliCommand
{
    private readonly Argument<string[]> _command;

    public HelpCommand()
        : base("help", "The commands, or all options of one")
    {
        _command = Take<string[]>("COMMAND", "Words of a command, such as train or data fetch.", ArgumentArity.ZeroOrMore);
        _command.CompletionSources.Add(_ => CommandTable.All.SelectMany(command => command.FullName.Split(' ')).Distinct());
    }

    public override string Heading => CommandHeading.Help;

    public override string Details =>
        "Lists the commands, or describes all options of one, also those that 'lockstep train --help' leaves out.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("lockstep help", "the commands"), ("lockstep help train", "everything that can be said of a training")];

    public override Task<int> RunAsync(Invocation invocation)
    {
        string path = string.Join(' ', invocation.Find(_command) ?? []);
        if (CommandTable.All.FirstOrDefault(command => command.FullName == path) is { } command)
            invocation.Io.Out.Write(HelpText.Of(command, isFull: true));
        else if (path.Length == 0 || CommandTable.All.Any(command => command.FullName.StartsWith($"{path} ", StringComparison.Ordinal)))
            invocation.Io.Out.Write(HelpText.OfCommands(path));
        else
            throw new RequestException(CommandLine.UnknownCommand(path));
        return Task.FromResult(Terminal.ExitCode.Done);
    }
}
