using System.CommandLine;
using System.Text;
using Lockstep.Cli.Options;
using Lockstep.Runs;

namespace Lockstep.Cli.Commands;

/// <summary>
/// The help, from the commands and their options. System.CommandLine's own help has neither headings nor the legal values of an option,
/// and shows the forty options of a training on one screen.
/// </summary>
internal static class HelpText
{
    private const int Width = 100;

    // Above that, the first screen shows the common options only.
    private const int MostOptionsAtOnce = 25;

    /// <summary>Help of all commands whose path starts with <paramref name="path"/>.</summary>
    public static string OfCommands(string path)
    {
        var text = new StringBuilder();
        if (path.Length == 0)
        {
            _ = text.AppendLine($"Lockstep {RunEnvironment.Version} trains a neural network across processes and machines. The trained")
                .AppendLine("weights depend on what you train, never on how many workers did it, or which of them crashed.");
        }

        CliCommand[] commands =
            [.. CommandTable.All.Where(command => path.Length == 0 || command.FullName.StartsWith(path + " ", StringComparison.Ordinal))];
        _ = text.Append(path.Length == 0 ? Environment.NewLine : "")
            .AppendLine($"Usage: lockstep {(path.Length == 0 ? "" : path + " ")}<command> [options]");
        foreach (IGrouping<string, CliCommand> group in commands.GroupBy(command => command.Heading))
        {
            _ = text.AppendLine().AppendLine(group.Key + ":");
            foreach (CliCommand command in group)
                AppendColumns(text, command.FullName + command.ArgumentUsage, command.Description!, 24);
        }

        if (path.Length == 0)
        {
            AppendExamples(text,
            [
                ("lockstep train --out runs/digits", "watch it learn digits, in seconds"),
                ("lockstep train --resume auto", "go on where it was stopped"),
                ("lockstep evaluate runs/digits", "test its newest checkpoint"),
            ]);
            _ = text.AppendLine()
                .AppendLine("Exit codes: 0 done or stopped and saved, 1 run failed, 2 bad input or options, 3 cluster could not form")
                .AppendLine("or was lost, 130 and 143 ended by a second Ctrl-C or SIGTERM.");
        }

        _ = text.AppendLine().AppendLine("'lockstep <command> --help' has the options and examples of a command.");
        return text.ToString();
    }

    /// <summary>Help of one command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isFull">Whether a command of many options shows all of them, instead of the common ones.</param>
    public static string Of(CliCommand command, bool isFull)
    {
        var text = new StringBuilder();
        bool isShort = !isFull && command.CliOptions.Count > MostOptionsAtOnce;
        AppendWrapped(text, command.Details, 0);
        _ = text.AppendLine().AppendLine($"Usage: lockstep {command.FullName}{command.ArgumentUsage} [options]");
        foreach (Argument argument in command.Arguments)
        {
            _ = text.AppendLine();
            AppendColumns(text, argument.Name, argument.Description!, 30);
        }

        foreach (var group in command.CliOptions.Where(entry => !isShort || entry.Option.IsCommon).GroupBy(entry => entry.Heading))
        {
            _ = text.AppendLine().AppendLine(group.Key + ":");
            foreach ((_, ICliOption option) in group)
                AppendColumns(
                    text, option.IsFlag ? option.Name : $"{option.Name} {option.Placeholder}", isShort ? Outline(option) : Describe(option),
                    30);
        }

        AppendExamples(text, command.Examples);
        if (isShort)
        {
            _ = text.AppendLine()
                .AppendLine($"These are the common options. 'lockstep help {command.FullName}' has all {command.CliOptions.Count}.");
        }
        else if (command is TrainingCommand)
        {
            _ = text.AppendLine();
            AppendWrapped(
                text,
                "Every option can also stand in the --config file (\"batchSize\": 64) or in the environment (LOCKSTEP__BATCH_SIZE=64; "
                + "LOCKSTEP_DATA_DIR, LOCKSTEP_OFFLINE=1, LOCKSTEP_SECRET_FILE and LOCKSTEP_TLS_DIR are short for four of them). "
                + "The command line wins over the environment, that over the file, and that over the defaults.", 0);
        }

        return text.ToString();
    }

    // The first sentence and the default.
    private static string Outline(ICliOption option)
    {
        int end = option.Help.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? option.Help : option.Help[..(end + 1)]) + DefaultOf(option);
    }

    private static string DefaultOf(ICliOption option) => option.IsFlag ? ""
        : option.DefaultNote is { } note ? $" Default: {note}."
        : option.Default is { } value ? $" Default: {value}." : "";

    // The legal values stand in brackets after the first sentence, the default at the end.
    private static string Describe(ICliOption option)
    {
        string fallback = DefaultOf(option);
        if (option.IsFlag)
            return option.Help;
        if (option.Legal == ValueKind.Path.Legal)
            return option.Help + fallback;
        int end = option.Help.IndexOf(". ", StringComparison.Ordinal);
        if (end < 0)
            end = option.Help.Length - 1;
        return $"{option.Help[..end]} ({option.Legal}){option.Help[end..]}{fallback}";
    }

    private static void AppendExamples(StringBuilder text, IReadOnlyList<(string Line, string Meaning)> examples)
    {
        const int longest = 66;
        _ = text.AppendLine().AppendLine("Examples:");
        int column = examples.Where(example => example.Line.Length <= longest).Select(example => example.Line.Length)
            .DefaultIfEmpty(longest).Max() + 4;
        foreach ((string line, string meaning) in examples)
        {
            // What is too long for two columns has its meaning in a line below.
            _ = line.Length <= longest
                ? text.Append("  ").Append(line.PadRight(column - 2)).AppendLine(meaning)
                : text.Append("  ").AppendLine(line).Append(' ', column).AppendLine(meaning);
        }
    }

    private static void AppendColumns(StringBuilder text, string left, string right, int column)
    {
        _ = text.Append("  ").Append(left.PadRight(column - 2));
        if (left.Length > column - 4)
            _ = text.AppendLine().Append(' ', column);
        AppendWrapped(text, right, column);
    }

    // Writes from the column where the text stands; further lines begin at the column.
    private static void AppendWrapped(StringBuilder text, string paragraph, int column)
    {
        int at = column;
        foreach (string word in paragraph.Split(' '))
        {
            if (at > column && at + 1 + word.Length > Width)
            {
                _ = text.AppendLine().Append(' ', column);
                at = column;
            }

            if (at > column)
            {
                _ = text.Append(' ');
                at++;
            }

            _ = text.Append(word);
            at += word.Length;
        }

        _ = text.AppendLine();
    }
}
