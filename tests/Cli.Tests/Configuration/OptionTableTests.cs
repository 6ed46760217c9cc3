using Lockstep.Cli.Configuration;

namespace Lockstep.Cli.Tests.Configuration;

public class OptionTableTests
{
    /// <summary>The options that the documentation promises for <c>train</c>.</summary>
    private static readonly string[] Promised =
    [
        "--model", "--initializer", "--dataset", "--data-dir", "--offline", "--workers", "--lanes", "--batch-size", "--shards", "--epochs", "--steps",
        "--learning-rate", "--lr-schedule", "--momentum", "--l2", "--keep-prob", "--seed", "--eval-every", "--checkpoint-every", "--keep-checkpoints",
        "--out", "--resume", "--config", "--quiet", "--verbose", "--no-color", "--json",
    ];

    [Fact]
    public void Train_Options_AreThosePromised()
    {
        string[] names = [.. OptionTable.Of(CommandSet.Train).Select(option => option.Name)];

        Assert.Empty(Promised.Except(names));
    }

    [Fact]
    public void All_Options_HaveHelpRangeAndCommands()
    {
        foreach (OptionDescriptor option in OptionTable.All)
        {
            Assert.Matches("^[A-Z'].*\\.$", option.Help);
            Assert.NotEmpty(option.Legal);
            Assert.NotEqual(CommandSet.None, option.Commands);
            Assert.True(option.IsFlag || option.Placeholder.Length > 0, $"{option.Name} has no placeholder.");
        }
    }

    [Fact]
    public void All_Defaults_AreLegal()
    {
        foreach (OptionDescriptor option in OptionTable.All.Where(option => option.Default is not null))
            _ = option.ParseText(option.Default!);
    }

    [Theory]
    [InlineData(CommandSet.Train)]
    [InlineData(CommandSet.Coordinator)]
    [InlineData(CommandSet.Worker)]
    [InlineData(CommandSet.Evaluate)]
    [InlineData(CommandSet.DataShow)]
    [InlineData(CommandSet.Inspect)]
    [InlineData(CommandSet.Predict)]
    [InlineData(CommandSet.Report)]
    internal void Of_OneCommand_HasNoNameTwice(CommandSet command) =>
        Assert.All(OptionTable.Of(command).GroupBy(option => option.Name), group => Assert.Single(group));

    [Theory]
    [InlineData("batchSize")]
    [InlineData("BATCH_SIZE")]
    [InlineData("batch-size")]
    [InlineData("BatchSize")]
    public void Find_AnySpelling_IsTheOption(string key) => Assert.Same(OptionTable.BatchSize, OptionTable.Find(key));

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
    public void ParseText_OutOfRange_IsRefused(string name, string text)
    {
        OptionDescriptor option = OptionTable.All.First(option => option.Name == name);

        _ = Assert.Throws<FormatException>(() => option.ParseText(text));
    }

    [Fact]
    public void ParseText_SmallestAndLargest_AreLegal()
    {
        Assert.Equal(1.0, OptionTable.KeepProb.Parse("1"));
        Assert.Equal(0.0, OptionTable.Momentum.Parse("0"));
        Assert.Equal(ulong.MaxValue, OptionTable.Seed.Parse("18446744073709551615"));
        Assert.Equal(4096, OptionTable.Shards.Parse("4096"));
        Assert.Equal("784-10", OptionTable.Model.Parse("logistic"));
    }
}
