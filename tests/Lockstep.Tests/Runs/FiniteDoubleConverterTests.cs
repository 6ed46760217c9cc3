using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;

namespace Lockstep.Lockstep.Tests.Runs;

public class FiniteDoubleConverterTests
{
    [Theory]
    [InlineData(1.5, "1.5")]
    [InlineData(double.NaN, "null")]
    [InlineData(double.PositiveInfinity, "null")]
    public void Write_Number_IsANumberOrNull(double value, string expected) =>
        Assert.Contains($"\"epoch\":{expected},", JsonSerializer.Serialize(Row(value), RunFilesContext.Default.MetricsRow));

    [Fact]
    public void Read_Null_IsNaN()
    {
        string line = JsonSerializer.Serialize(Row(double.NaN), RunFilesContext.Default.MetricsRow);

        Assert.Equal(Row(double.NaN), JsonSerializer.Deserialize(line, RunFilesContext.Default.MetricsRow));
    }

    private static MetricsRow Row(double epoch) => new(1, epoch, 2, 3, 4, 5, 6, 7, 8);
}
