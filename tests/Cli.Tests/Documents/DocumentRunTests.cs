using System.Text.RegularExpressions;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>
/// A reader who types all commands of a document, in reading order, in a new checkout: each works, and what is shown as its output has the
/// words of what it prints. Figures are those of other data.
/// </summary>
public partial class DocumentRunTests
{
    // Shorter runs, by what the command lines leave open.
    private const int FewImages = 1_500, SomeImages = 6_000, AllImages = 60_000;

    private static readonly (string, string)[] Short = [("LOCKSTEP__EPOCHS", "2"), ("LOCKSTEP__WORKERS", "1"), ("LOCKSTEP__LANES", "1")];
    private static readonly (string, string)[] Narrow = [("LOCKSTEP__MODEL", "784-16-10"), ("LOCKSTEP__WORKERS", "1")];

    public static TheoryData<string> Names =>
    [
        .. Document.All.Where(document => document.Commands.Any(command => !IsNotRun(document, command)))
            .Select(document => document.Name),
    ];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public async Task Commands_OfADocument_Work(string name)
    {
        Skip.If(OperatingSystem.IsWindows(), "The commands are those of a POSIX shell.");
        Document document = Document.All.Single(document => document.Name == name);
        // Its figures name steps that only a whole run has.
        bool isWhole = name == "docs/verify.md";
        using var checkout = new Checkout(isWhole ? AllImages : name == "docs/sweep.md" ? SomeImages : FewImages);
        if (document.Commands.Any(command => command.Text.Contains("python3", StringComparison.Ordinal)))
            Skip.If((await checkout.RunAsync("python3 --version")).ExitCode != 0, "There is no python3, which makes the data.");
        var skipped = new List<DocumentCommand>();
        foreach (DocumentCommand command in document.Commands.Where(command => !IsNotRun(document, command)))
        {
            if (command.Files.Any(file => !checkout.Has(file) && skipped.Any(earlier => earlier.Files.Contains(file)))
                || !await HasModulesAsync(checkout, command))
            {
                skipped.Add(command);
                continue;
            }

            await AssertWorksAsync(document, command, checkout, isWhole ? Narrow : Short);
        }

        Skip.If(
            skipped.Count > 0,
            $"All else worked, but Python cannot import {string.Join(", ", skipped.SelectMany(command => command.Modules).Distinct())}, "
            + $"so {skipped.Count} commands were not run. Name an interpreter that can with LOCKSTEP_PYTHON.");
    }

    /// <summary>Runs a command of a document: its exit code is that which is shown, and so are its words.</summary>
    /// <param name="document">Where it stands.</param>
    /// <param name="command">What is run.</param>
    /// <param name="checkout">Where it is run.</param>
    /// <param name="environment">More variables.</param>
    internal static async Task AssertWorksAsync(
        Document document, DocumentCommand command, Checkout checkout, params IEnumerable<(string Name, string Value)> environment)
    {
        (int exitCode, string output) = await checkout.RunAsync(command.Text, environment);
        string place = $"{document}:{command.Line}: $ {command.Text}";
        Assert.True(
            exitCode == command.ExpectedExitCode,
            $"{place}\nended with exit code {exitCode}, expected {command.ExpectedExitCode}:\n{output}");
        string printed = Normal(output);
        foreach (string words in (command.Shown ?? []).Select(line => Normal(Words().Match(line).Value)).Where(words => words.Length > 3))
            Assert.True(printed.Contains(words, StringComparison.Ordinal), $"{place}\ndid not print '{words}' but:\n{output}");
    }

    private static async Task<bool> HasModulesAsync(Checkout checkout, DocumentCommand command) =>
        !command.Modules.Any() || (await checkout.RunAsync($"python3 -c 'import {string.Join(", ", command.Modules)}'")).ExitCode == 0;

    [Fact]
    public void NotRun_EachEntry_IsStillNeeded() => Assert.All(NotRun.All, entry => Assert.Contains(
        Document.All, document => document.Commands.Any(command => entry.Has(document, command))));

    private static bool IsNotRun(Document document, DocumentCommand command) => NotRun.All.Any(entry => entry.Has(document, command));

    private static string Normal(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    // A line up to its first figure.
    [GeneratedRegex("^ *[A-Za-z][^0-9]*")]
    private static partial Regex Words();
}
