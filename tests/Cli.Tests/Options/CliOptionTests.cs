using Lockstep.Cli.Commands;
using Lockstep.Cli.Options;
using Lockstep.Wording;

namespace Lockstep.Cli.Tests.Options;

public class CliOptionTests
{
    private static readonly ICliOption[] All =
        [.. CommandTable.All.SelectMany(command => command.CliOptions).Select(entry => entry.Option).Distinct()];

    /// <summary>The options that the documentation promises for <c>train</c>.</summary>
    private static readonly string[] Promised =
    [
        "--model", "--initializer", "--dataset", "--data-dir", "--offline", "--workers", "--lanes", "--batch-size", "--shards", "--epochs",
        "--steps",
        "--learning-rate", "--lr-schedule", "--momentum", "--l2", "--keep-prob", "--seed", "--eval-every", "--checkpoint-every",
        "--keep-checkpoints",
        "--out", "--resume", "--config", "--quiet", "--verbose", "--no-color", "--json",
    ];

    [Fact]
    public void Train_Options_AreThosePromised()
    {
        string[] names = [.. CommandTable.All.OfType<TrainCommand>().Single().CliOptions.Select(entry => entry.Option.Name)];

        Assert.Empty(Promised.Except(names));
    }

    [Fact]
    public void All_Options_HaveHelpAndRange()
    {
        foreach (ICliOption option in All)
        {
            Assert.Matches("^[A-Z'].*\\.$", option.Help);
            Assert.NotEmpty(option.Legal);
            Assert.True(option.IsFlag || option.Placeholder.Length > 0, $"{option.Name} has no placeholder.");
        }
    }

    [Fact]
    public void All_Defaults_AreLegal()
    {
        foreach (ICliOption option in All.Where(option => option.Default is not null))
            _ = option.Read([option.Default!]);
    }

    [Fact]
    public void CliOptions_OfEachCommand_HaveNoNameTwice() => Assert.All(
        CommandTable.All, command => Assert.All(command.CliOptions.GroupBy(entry => entry.Option.Name), group => Assert.Single(group)));

    /// <summary>What one key sets in the environment or a file is one option, whatever the command.</summary>
    [Fact]
    public void All_OptionsThatTheEnvironmentSets_HaveKeysOfTheirOwn() =>
        Assert.All(All.Where(option => !option.IsCommandLineOnly).GroupBy(option => option.Key), group => Assert.Single(group));

    [Theory]
    [InlineData("batchSize")]
    [InlineData("BATCH_SIZE")]
    [InlineData("batch-size")]
    [InlineData("BatchSize")]
    public void Find_AnySpelling_IsTheOption(string key) =>
        Assert.Same(TrainingOptions.BatchSize, CommandLine.Parse(["train"], new Problems()).Options.Find(key));

    /// <summary>What others call an option is not the name of another option of the same command.</summary>
    [Fact]
    public void Elsewhere_OfEachCommand_AreNoNamesOfItsOptions() => Assert.All(CommandTable.All, command =>
    {
        string[] names = [.. command.CliOptions.Select(entry => entry.Option.Name)];
        Assert.All(command.CliOptions, entry => Assert.Equal(entry.Option.Elsewhere.Distinct(), entry.Option.Elsewhere));
        Assert.Empty(names.Intersect(command.CliOptions.SelectMany(entry => entry.Option.Elsewhere)));
    });

    [Theory]
    [InlineData("--keep-prob", "0")]
    [InlineData("--keep-prob", "1.01")]
    [InlineData("--momentum", "1")]
    [InlineData("--learning-rate", "0")]
    [InlineData("--learning-rate", "NaN")]
    [InlineData("--learning-rate", "1e400")]
    [InlineData("--learning-rate", "1,5")]
    [InlineData("--l2", "-0.1")]
    [InlineData("--batch-size", "0")]
    [InlineData("--batch-size", "12.5")]
    [InlineData("--batch-size", "99999999999999999999")]
    [InlineData("--shards", "4097")]
    [InlineData("--epochs", "-3")]
    [InlineData("--seed", "-1")]
    [InlineData("--seed", "18446744073709551616")]
    [InlineData("--workers", "")]
    [InlineData("--out", " ")]
    [InlineData("--offline", "maybe")]
    [InlineData("--model", "784")]
    [InlineData("--dataset", "imagenet")]
    [InlineData("--lr-schedule", "cosign")]
    [InlineData("--initializer", "glorot")]
    public void Read_OutOfRange_IsRefused(string name, string text)
    {
        ICliOption option = CommandTable.All.OfType<TrainCommand>().Single().CliOptions.First(entry => entry.Option.Name == name).Option;

        _ = Assert.Throws<FormatException>(() => option.Read([text]));
    }

    [Fact]
    public void Read_SmallestAndLargest_AreLegal()
    {
        Assert.Equal(1.0, ModelOptions.KeepProb.Read("1"));
        Assert.Equal(0.0, OptimizerOptions.Momentum.Read("0"));
        Assert.Equal(ulong.MaxValue, TrainingOptions.Seed.Read("18446744073709551615"));
        Assert.Equal(4096, TrainingOptions.Shards.Read("4096"));
        Assert.Equal("784-10", ModelOptions.Model.Read("logistic"));
    }
}
