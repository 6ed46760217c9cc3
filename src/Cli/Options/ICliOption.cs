using System.CommandLine;

namespace Lockstep.Cli.Options;

/// <summary>An option of a command, whatever the type of its value, as the sources of values, the help and the messages see it.</summary>
internal interface ICliOption
{
    /// <summary>What System.CommandLine parses.</summary>
    Option Symbol { get; }

    /// <summary>On the command line, such as <c>--batch-size</c>.</summary>
    string Name { get; }

    /// <summary>In a JSON file, such as <c>batchSize</c>.</summary>
    string Key { get; }

    /// <summary>In the environment, such as <c>LOCKSTEP__BATCH_SIZE</c>.</summary>
    string Variable { get; }

    /// <summary>Another variable that sets it, with less weight than <see cref="Variable"/>; null for none.</summary>
    string? PlainVariable { get; }

    /// <summary>What it does, one sentence or two.</summary>
    string Help { get; }

    /// <summary>Stands for the value in the help; empty for a flag.</summary>
    string Placeholder { get; }

    /// <summary>Legal values in words; completes "expected ...".</summary>
    string Legal { get; }

    /// <summary>Text of the default; null where there is none.</summary>
    string? Default { get; }

    /// <summary>How the default comes about where it is no fixed text; null otherwise.</summary>
    string? DefaultNote { get; }

    /// <summary>Names that other trainers give this option, such as <c>--lr</c>; for "did you mean".</summary>
    IReadOnlyList<string> Elsewhere { get; }

    /// <summary>Whether its presence alone sets it.</summary>
    bool IsFlag { get; }

    /// <summary>Whether it can be given several times, and with several values each time.</summary>
    bool IsList { get; }

    /// <summary>Whether a command with many options shows it on the first screen of its help.</summary>
    bool IsCommon { get; }

    /// <summary>Whether it belongs to one invocation, and is not saved with the run.</summary>
    bool IsPerInvocation { get; }

    /// <summary>Whether neither the environment nor a file can set it, because the same name means something else elsewhere.</summary>
    bool IsCommandLineOnly { get; }

    /// <summary>Whether it names a program to run. No file may say that.</summary>
    bool NamesProgram { get; }

    /// <summary>Reads a value.</summary>
    /// <param name="texts">One text, or several for a list.</param>
    /// <returns>The value, of the option's type.</returns>
    /// <exception cref="FormatException">The text is not legal; the message says what is wrong with it.</exception>
    object Read(IReadOnlyList<string> texts);
}
