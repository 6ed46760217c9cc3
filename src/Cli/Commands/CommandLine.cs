using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Lockstep.Cli.Configuration;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary>
/// The command line of all commands, built from the two tables. System.CommandLine splits it into options and values;
/// the values stay text here, because they are read by the same parsers as those of the other sources.
/// </summary>
internal sealed class CommandLine
{
    private readonly RootCommand _root = new("Trains neural networks across processes and machines.");
    private readonly HelpOption _help = new();
    private readonly VersionOption _version = new();
    private readonly Dictionary<Command, CommandDescriptor> _commands = [];
    private readonly Dictionary<(CommandSet, OptionDescriptor), Option> _options = [];

    public CommandLine()
    {
        _root.Options.Clear();
        _root.Directives.Clear();
        _help.Recursive = true;
        _root.Add(_help);
        _root.Add(_version);
        foreach (CommandDescriptor descriptor in CommandTable.All)
            Add(descriptor);
    }

    /// <summary>What the user asked for.</summary>
    /// <param name="Command">The command; null for the help of several.</param>
    /// <param name="Path">Words of the command given, such as <c>data</c>.</param>
    /// <param name="IsHelp">Whether help was asked for.</param>
    /// <param name="IsVersion">Whether the version was asked for.</param>
    /// <param name="Settings">Options given.</param>
    /// <param name="Argument">The argument given.</param>
    public sealed record Request(
        CommandDescriptor? Command, string Path, bool IsHelp, bool IsVersion, IReadOnlyList<Setting> Settings, string? Argument);

    /// <summary>Reads a command line; every mistake in it goes to <paramref name="problems"/>.</summary>
    public Request Parse(string[] args, Problems problems)
    {
        ParseResult result = CommandLineParser.Parse(_root, args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        Command command = result.CommandResult.Command;
        CommandDescriptor? descriptor = _commands.GetValueOrDefault(command);
        string path = descriptor?.Path ?? (command == _root ? "" : command.Name);
        var settings = new List<Setting>();
        string? argument = null;
        bool isHelp = result.GetResult(_help) is { Implicit: false };
        bool isVersion = result.GetResult(_version) is { Implicit: false };
        if (!isHelp && !isVersion)
        {
            if (descriptor is not null)
            {
                argument = result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(child => child.Tokens).FirstOrDefault()?.Value;
                settings.AddRange(ReadOptions(descriptor, result, problems));
            }

            CheckUnmatched(descriptor, command, result, ref argument, problems);
        }

        return new Request(descriptor, path, isHelp || (descriptor is null && !isVersion), isVersion, settings, argument);
    }

    private void Add(CommandDescriptor descriptor)
    {
        string[] words = descriptor.Path.Split(' ');
        Command parent = _root;
        foreach (string word in words[..^1])
        {
            Command? group = parent.Subcommands.FirstOrDefault(child => child.Name == word);
            if (group is null)
                parent.Add(group = new Command(word) { TreatUnmatchedTokensAsErrors = false });
            parent = group;
        }

        var command = new Command(words[^1], descriptor.Summary) { TreatUnmatchedTokensAsErrors = false };
        if (descriptor.Argument is { } name)
            command.Add(new Argument<string>(name) { Arity = ArgumentArity.ZeroOrOne });
        foreach (OptionDescriptor row in OptionTable.Of(descriptor.Id))
        {
            Option option = row switch
            {
                { IsFlag: true } => new Option<bool>(row.Name),
                { IsList: true } => new Option<string[]>(row.Name) { Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true },
                _ => new Option<string>(row.Name) { Arity = ArgumentArity.ExactlyOne },
            };
            _options[(descriptor.Id, row)] = option;
            command.Add(option);
        }

        parent.Add(command);
        _commands[command] = descriptor;
    }

    private IEnumerable<Setting> ReadOptions(CommandDescriptor descriptor, ParseResult result, Problems problems)
    {
        foreach (OptionDescriptor row in OptionTable.Of(descriptor.Id))
        {
            if (result.GetResult(_options[(descriptor.Id, row)]) is not { Implicit: false } given)
                continue;
            string? text = given.Tokens.Count == 0 ? row.IsFlag ? "true" : null
                : row.IsList ? string.Join(ValueKind.ItemSeparator, given.Tokens.Select(token => token.Value))
                : given.Tokens[^1].Value;
            if (given.IdentifierTokenCount > 1 && !row.IsList)
                problems.Add($"{row.Name} is given {given.IdentifierTokenCount} times; give it once.");
            else if (text is null)
                problems.Add($"{row.Name} needs a value: {row.Legal}.");
            else if (text.StartsWith("--", StringComparison.Ordinal))
                problems.Add($"{row.Name} needs a value, but is followed by {text}; expected {row.Legal}.");
            else
                yield return new Setting(row, text, SettingSource.CommandLine);
        }
    }

    private static void CheckUnmatched(
        CommandDescriptor? descriptor, Command command, ParseResult result, ref string? argument, Problems problems)
    {
        // An unknown option may have been taken for the command's argument.
        var unmatched = new List<string>(result.UnmatchedTokens);
        if (argument is ['-', _, ..])
        {
            unmatched.Insert(0, argument);
            argument = null;
        }

        string[] unknown = [.. unmatched.Where(token => token is ['-', _, ..])];
        foreach (string token in unknown)
            problems.Add(UnknownOption(descriptor, token));

        // Words beside an unknown option are probably its value.
        if (unknown.Length > 0)
            return;
        foreach (string word in unmatched)
        {
            if (descriptor is not null)
                problems.Add($"'{word}' is not expected here; {Usage(descriptor)}");
            else
                problems.Add(UnknownCommand(command, word));
        }

        if (unmatched.Count == 0 && descriptor is { Argument: not null, ArgumentIsOptional: false } && string.IsNullOrWhiteSpace(argument))
            problems.Add($"{descriptor.Argument} is missing; {Usage(descriptor)} {descriptor.ArgumentHelp}");
    }

    private static string UnknownOption(CommandDescriptor? descriptor, string token)
    {
        string name = token.Split('=', ':')[0];
        if (descriptor is null)
        {
            string meant = Spelling.Nearest(name, OptionTable.All.Select(option => option.Name)) ?? name;
            return $"{name} is not an option here; options follow a command, as in 'lockstep train {meant}'.";
        }

        string[] known = [.. OptionTable.Of(descriptor.Id).Select(option => option.Name), "--help"];
        if (OptionTable.All.FirstOrDefault(option => option.Name == name) is { } elsewhere)
        {
            IEnumerable<string> others = CommandTable.All.Where(command => (command.Id & elsewhere.Commands) != 0).Select(command => command.Path);
            return $"{name} is not an option of {descriptor.Path}, but of {string.Join(" and ", others)}.";
        }

        string? near = Spelling.Nearest(name, known);
        return $"{name} is not an option of {descriptor.Path}" + (near is null ? "." : $"; did you mean {near}?");
    }

    private static string UnknownCommand(Command command, string word)
    {
        string? near = Spelling.Nearest(word, command.Subcommands.Select(child => child.Name));
        string prefix = command is RootCommand ? "" : command.Name + " ";
        return $"'{prefix}{word}' is not a command" + (near is null ? "; the commands are " : $"; did you mean '{prefix}{near}'? The commands are ")
            + string.Join(", ", command.Subcommands.Select(child => prefix + child.Name)) + ".";
    }

    private static string Usage(CommandDescriptor descriptor) => $"the usage is 'lockstep {descriptor.Path}{descriptor.ArgumentUsage} [options]'.";
}
